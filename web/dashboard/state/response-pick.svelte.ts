import type { Me, QuickResponse } from '../../lib/api/types.ts';
import { stepInList } from '../../lib/ui/popup.svelte.ts';
import { fillPlaceholders, needs, type PlaceholderValues } from './placeholders.ts';
import type { QuickResponses } from './quick-responses.svelte.ts';

/** What a prepared text is filled from. */
export interface PickDeps {
  me: () => Me;
  /** The case, as far as a text tells of it. */
  case: () => { name: string; number: number } | null;
  guestLink: () => Promise<string>;
}

/** Choosing a prepared text: what is offered for what was typed, and how it will read. */
export class ResponsePick {
  query = $state('');
  active = $state(0);
  readonly responses: QuickResponses;
  readonly #deps: PickDeps;

  constructor(responses: QuickResponses, deps: PickDeps) {
    this.responses = responses;
    this.#deps = deps;
  }

  get found(): QuickResponse[] {
    return this.responses.find(this.query);
  }

  get current(): QuickResponse | null {
    return this.found[this.active] ?? null;
  }

  /** Begins anew with what was typed. */
  look(query: string): void {
    void this.responses.ensure();
    if (query !== this.query) this.active = 0;
    this.query = query;
  }

  /** Moves the choice; false when the key is none of the list's. */
  step(key: string): boolean {
    const to = stepInList(key, this.active, this.found.length);
    if (to !== null) this.active = to;
    return to !== null;
  }

  /** What is known for the gaps; the link is fetched only for a text that asks for it. */
  get values(): PlaceholderValues {
    const { operator, organization } = this.#deps.me();
    const opened = this.#deps.case();
    return {
      case_name: opened?.name ?? '',
      case_number: opened ? String(opened.number) : '',
      operator_name: operator.name,
      organization_name: organization.name,
      contact_email: organization.contact_email,
      contact_phone: organization.contact_phone,
    };
  }

  /** The text as it goes into the message; a gap that nothing fills stays. */
  async fill(response: QuickResponse): Promise<string> {
    const link = needs(response.text, 'guest_link') ? await this.#deps.guestLink().catch(() => '') : '';
    return fillPlaceholders(response.text, { ...this.values, guest_link: link });
  }
}
