/** A table before it is drawn: the same for the terminal and for a page. */

/** `note` says what each row is relative to. */
export interface TableModel {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
