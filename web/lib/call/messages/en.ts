/** What the call says, on the dashboard and to guests. The names of the controls are fixed by the interface's design. */
const call = {
  'call.name': 'Video call',
  'call.controls': 'Call controls',
  'call.microphone': 'Microphone',
  'call.camera': 'Camera',
  'call.share': 'Share screen',
  'call.full': 'Full screen',
  'call.small': 'Small window',
  'call.leave': 'Leave call',
  'call.end': 'End call for everyone',
  'call.flip': 'Flip camera',
  'call.devices': 'Devices',
} as const;

export default call;
