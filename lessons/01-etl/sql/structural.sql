-- What the reader of raw could not cut into the columns of the header: its line and its text.
SELECT line, text FROM raw_rejects
