import { expect, test } from 'vitest';
import type { CaseLocation } from '../../lib/api/types.ts';
import { coordinates, distance, isRough, mapLink, placeOf } from './location.ts';

const shared: CaseLocation = { state: 'shared', latitude: 52.5163, longitude: -13.37770123, accuracy_m: 12, at: '2026-03-12T12:00:00Z', reason: null };

test('there is a place only where coordinates were shared, also while asked again', () => {
  expect(placeOf(null)).toBeNull();
  expect(placeOf({ ...shared, latitude: null })).toBeNull();
  expect(placeOf({ ...shared, state: 'asked' })).toMatchObject({ latitude: 52.5163 });
  expect(placeOf({ ...shared, latitude: 0, longitude: 0 })).toMatchObject({ latitude: 0, longitude: 0 });
});

test('the map is the organization’s, with numbers as programs write them', () => {
  const place = placeOf(shared);
  expect(place && coordinates(place)).toBe('52.51630, -13.37770');
  expect(place && mapLink('https://map.example/?at={latitude},{longitude}&m={latitude}', place)).toBe('https://map.example/?at=52.51630,-13.37770&m=52.51630');
});

test('how exact it is, is said in words that fit', () => {
  expect(distance(12.4, 'en')).toBe('12 m');
  expect(distance(0, 'en')).toBe('1 m');
  expect(distance(10_000, 'de')).toBe('10 km');
  const place = placeOf({ ...shared, accuracy_m: 10_000 });
  expect(place && isRough(place)).toBe(true);
});
