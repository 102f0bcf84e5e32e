import type { IconName } from '../../lib/icon/names.ts';
import { t } from '../i18n.ts';
import { show } from '../list/show.ts';
import { paths, router } from '../router.svelte.ts';
import { ADMINISTRATORS, OWN, SECTION_ICONS } from '../settings/sections.ts';
import { MY_ACTIVE, viewOf } from '../state/case-filter.ts';
import { caseMay } from '../state/case-may.ts';
import type { CaseQuestion, CaseView } from '../state/case.svelte.ts';
import type { Desk } from '../state/desk.svelte.ts';
import { session } from '../state/session.svelte.ts';
import { THEMES } from '../state/theme.ts';
import { actOf } from './keys.svelte.ts';
import { layout } from './layout.svelte.ts';
import { overlays } from './overlays.svelte.ts';

/** Something that can be done right now, by its words. */
export interface Command {
  id: string;
  icon: IconName;
  words: string;
  /** What it is about, where the words do not say it. */
  beside?: string;
  /** The key that does the same. */
  key?: string;
  /** Shown only to whoever types for it: there are many like it. */
  typed?: true;
  run: () => unknown;
}

/** What a bound key does; without anybody who can do it, nothing. */
function byKey(key: string, icon: IconName, words: string): Command[] {
  const act = actOf(key);
  return act ? [{ id: `key-${key}`, icon, words, key, run: act }] : [];
}

/** What can be done with the open case. */
export function caseCommands(desk: Desk, view: CaseView): Command[] {
  const known = view.case;
  if (!known || view.status !== 'ready') return [];
  const commands: Command[] = [];
  const { calls } = desk;
  const open = calls.open.of(view.id);
  if (desk.me.rights.seat && !view.completed && !calls.mineIn(view.id)) {
    commands.push(
      open
        ? { id: 'join', icon: 'video', words: t('call.join'), run: () => calls.join(open, known.name) }
        : { id: 'call', icon: 'video', words: t('call.start'), run: () => calls.start(view.id, known.name) },
    );
  }
  commands.push(...byKey('r', 'chat', t('keys.reply')), ...byKey('n', 'lock', t('keys.notes')));
  if (desk.me.rights.seat) {
    commands.push(...byKey('e', 'check', t(view.completed ? 'crew.reopen' : 'crew.complete')));
  }
  const may = caseMay(view);
  // The dialogs belong to the details, which hide where there is no room for them.
  const ask = (question: CaseQuestion) => () => {
    if (!layout.wide) router.go(paths.details(view.id));
    view.asking = question;
  };
  if (!view.completed) commands.push({ id: 'link', icon: 'link', words: t('case.copy_link'), run: () => view.link.copy() });
  if (may.handOver && desk.team.seated.some(({ id }) => id !== desk.me.operator.id)) commands.push({ id: 'hand-over', icon: 'people', words: t('crew.hand_over'), run: ask('hand_over') });
  if (may.snooze) commands.push({ id: 'snooze', icon: 'clock', words: t('snooze.title'), run: ask('snooze') });
  if (may.merge) commands.push({ id: 'merge', icon: 'flow', words: t('merge.item'), run: ask('merge') });
  if (may.queue) commands.push({ id: 'queue', icon: 'queue', words: t('crew.queue'), run: ask('queue') });
  commands.push({ id: 'details', icon: 'panel', words: t('details.region'), run: () => router.go(paths.details(view.id)) });
  return layout.wide ? commands.filter(({ id }) => id !== 'details') : commands;
}

/** What can be done wherever one is. */
export function deskCommands(desk: Desk): Command[] {
  const { list, counts, claims } = desk;
  const commands: Command[] = [];
  const seat = desk.me.rights.seat;
  const oldest = list.queue[0];
  if (seat) commands.push({ id: 'create', icon: 'plus', words: t('list.create'), key: 'c', run: () => (overlays.creating = true) });
  if (seat && oldest) {
    const take = async () => {
      if (await claims.take(oldest)) router.go(paths.case(oldest.id));
      // Who was quicker stands in the queue.
      else showList();
    };
    commands.push({ id: 'take', icon: 'queue', words: t('palette.take'), beside: oldest.name, run: take });
  }
  commands.push(
    { id: 'mine', icon: 'list', words: t('filter.my_active'), run: () => show(MY_ACTIVE) },
    { id: 'attention', icon: 'bell', words: t('filter.attention'), beside: countOf(counts.value?.attention.count), run: () => show(viewOf('attention')) },
    { id: 'snoozed', icon: 'clock', words: t('filter.snoozed'), beside: countOf(counts.value?.snoozed.count), run: () => show(viewOf('snoozed')) },
  );
  if (!layout.phone) {
    commands.push(
      layout.listHidden
        ? { id: 'list', icon: 'show', words: t('shell.show_list'), run: () => layout.showList() }
        : { id: 'list', icon: 'hide', words: t('shell.hide_list'), run: () => layout.hideList() },
    );
  }
  if (desk.me.operator.role === 'administrator') commands.push({ id: 'tags', icon: 'tag', words: t('tags.manage'), run: () => (overlays.tags = true) });
  commands.push(
    { id: 'shortcuts', icon: 'keyboard', words: t('shell.shortcuts'), key: '?', run: () => (overlays.shortcuts = true) },
    { id: 'settings', icon: 'gear', words: t('shell.settings'), run: () => router.go(paths.settings()) },
    { id: 'help', icon: 'help', words: t('help.title'), run: () => window.open(paths.help(), '_blank', 'noopener') },
    { id: 'out', icon: 'logout', words: t('shell.sign_out'), run: () => overlays.act.run(() => session.signOut()) },
  );
  return [...commands, ...settingsCommands(desk)];
}

/** The ways into the settings that are open to this person, and what can be set without going there. */
function settingsCommands(desk: Desk): Command[] {
  const { role, theme } = desk.me.operator;
  const sections = role === 'administrator' ? [...OWN, ...ADMINISTRATORS] : OWN;
  return [
    ...sections.map((section): Command => ({
      id: `settings-${section}`,
      icon: SECTION_ICONS[section],
      words: t('palette.setting', { name: t('shell.settings'), value: t(`section.${section}`) }),
      typed: true,
      run: () => router.go(paths.settings(section)),
    })),
    ...THEMES.filter((known) => known !== theme).map((known): Command => ({
      id: `theme-${known}`,
      icon: 'eye',
      words: t('palette.setting', { name: t('shell.theme'), value: t(`theme.${known}`) }),
      typed: true,
      run: () => overlays.act.run(() => session.updateMe({ theme: known })),
    })),
  ];
}

/** Brings the case list before the eyes. */
function showList(): void {
  if (layout.phone) router.go(paths.home);
  else layout.showList();
}

const countOf = (count: number | undefined): string => (count ? t('list.count', { count }) : '');

/** The commands whose words hold every word that is typed; before that, the ones that are done every day. */
export function fitting(commands: Command[], query: string): Command[] {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return commands.filter(({ typed }) => !typed);
  return commands.filter((command) => words.every((word) => command.words.toLocaleLowerCase().includes(word)));
}
