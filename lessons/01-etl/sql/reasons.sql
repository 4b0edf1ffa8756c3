-- Rows by reason; a row with two reasons counts in both.
SELECT known.reason AS reason, count(*) AS row_count
FROM rejected
JOIN (
  VALUES
    ('structural'), ('missing-id'), ('impossible-date'),
    ('created-after-update'), ('negative-employees'), ('unreadable-budget'),
    ('negative-visits'), ('unreadable-number'), ('unreadable-label')
) AS known(reason) ON position(known.reason IN rejected.reasons) > 0
GROUP BY known.reason
ORDER BY row_count DESC NULLS LAST, reason NULLS LAST
