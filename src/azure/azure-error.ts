/** What Azure's poll body or error body says of a failure. */
export interface AzureError {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly AzureError[];
  readonly additionalInfo?: readonly {
    readonly type?: string;
    readonly info?: Readonly<Record<string, unknown>>;
  }[];
}
