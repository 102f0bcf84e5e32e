import type { Me, OperatorRow, Person } from '../../lib/api/types.ts';

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Those with a name of which a word begins like this; those whose first name does come first. */
export function likeName<Named extends { name: string }>(people: readonly Named[], query: string): Named[] {
  const wanted = fold(query.trim());
  const begins = ({ name }: Named): number => {
    const folded = fold(name);
    if (folded.startsWith(wanted)) return 0;
    return folded.split(/[\s-]+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  return people
    .map((person) => ({ person, rank: begins(person) }))
    .filter(({ rank }) => rank < 2)
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name))
    .map(({ person }) => person);
}

/** Whether a colleague can see a case: separated operators see those they are on, and those that wait. */
export function seesCase(operator: OperatorRow, on: readonly Pick<Person, 'id'>[], waiting: boolean, me: Me): boolean {
  if (!operator.active) return false;
  if (!me.organization.separate_operators || operator.role === 'administrator') return true;
  return waiting || on.some(({ id }) => id === operator.id);
}

/** A text cut at the names behind an "@"; longer names first, so that "@Ana Lima" is not "@Ana". */
export function cutAtNames(text: string, names: readonly string[]): { text: string; name: boolean }[] {
  const wanted = [...names].sort((a, b) => b.length - a.length).map((name) => `@${name}`);
  const pieces: { text: string; name: boolean }[] = [];
  let rest = text;
  let plain = '';
  while (rest !== '') {
    const name = wanted.find((one) => rest.startsWith(one));
    if (name) {
      if (plain) pieces.push({ text: plain, name: false });
      pieces.push({ text: name, name: true });
      plain = '';
    } else {
      const next = rest.indexOf('@', 1);
      plain += next < 0 ? rest : rest.slice(0, next);
    }
    rest = rest.slice(name?.length ?? (rest.indexOf('@', 1) < 0 ? rest.length : rest.indexOf('@', 1)));
  }
  if (plain) pieces.push({ text: plain, name: false });
  return pieces;
}
