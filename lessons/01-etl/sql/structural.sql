-- What the reader of raw could not cut into the header's columns.
SELECT line, text FROM raw_rejects
