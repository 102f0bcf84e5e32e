import { problemText } from '../../lib/i18n/problem-text.ts';
import { i18n } from '../i18n.ts';
import { faultOf } from '../state/faults.ts';
import type { SettingState } from '../state/setting.svelte.ts';
import { t } from './i18n.ts';

/** What stands beside a setting that is not saved; undefined while it is fine. `field` is its name in the API. */
export function faultText(setting: { state: SettingState; error: unknown; overtaken: unknown }, field: string): string | undefined {
  if (setting.state !== 'refused') return undefined;
  if (setting.overtaken !== null) return setting.overtaken === '' ? t('settings.overtaken_empty') : t('settings.overtaken', { value: String(setting.overtaken) });
  return faultOf(setting.error, field) ?? problemText(i18n, setting.error);
}
