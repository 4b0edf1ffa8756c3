/** What rules one partition's log: a topic's settings, or the broker's defaults. */
export interface LogSettings {
  /** A segment is sealed before it grows past this. */
  readonly segmentBytes: number;
  /** Sealed segments are removed while the log is larger; −1 for never. */
  readonly retentionBytes: number;
  /** Segments whose every record is older are removed; −1 for never. */
  readonly retentionMs: number;
}

export const DEFAULT_LOG_SETTINGS: LogSettings = {
  // Smaller than Kafka's 1 GB: a crash costs the reading of one segment.
  segmentBytes: 64 * 1024 * 1024,
  retentionBytes: -1,
  retentionMs: 7 * 24 * 3600 * 1000,
};
