import type { Page } from '@playwright/test';
import { expectFlow } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

const JOINS = 11;

/** From the next press on the page until the first picture that comes over the network: milliseconds. */
async function pressUntilPicture(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        const watched = new WeakSet<HTMLVideoElement>();
        const pressed = (press: Event) => {
          const look = () => {
            const coming = new Set(window.connections.at(-1)?.getReceivers().map((receiver) => receiver.track.id));
            for (const video of document.querySelectorAll('video')) {
              const tracks = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];
              if (watched.has(video) || !tracks.some((track) => coming.has(track.id))) continue;
              watched.add(video);
              video.requestVideoFrameCallback((now) => done(now - press.timeStamp));
            }
            requestAnimationFrame(look);
          };
          look();
        };
        document.addEventListener('click', pressed, { capture: true, once: true });
      }),
  );
}

test('from the press to the first picture', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink());
  await operator.call.control('startVideoCall').click();
  await expect(operator.call.stage).toBeVisible();
  const times: number[] = [];
  for (let join = 0; join < JOINS; join++) {
    await guest.call.control('joinCall').first().click();
    await expect(guest.page.getByRole('meter')).toBeVisible();
    const picture = pressUntilPicture(guest.page);
    await guest.call.control('joinCall').click();
    times.push(await picture);
    await expectFlow(guest.page);
    await guest.call.control('leaveCall').click();
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  console.log(`from the press on Join call to the first picture: median ${at(0.5)} ms, slowest of ${JOINS} ${at(1)} ms`);
});
