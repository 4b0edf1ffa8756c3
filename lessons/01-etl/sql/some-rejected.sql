SELECT reasons, lead_id, original
FROM rejected
WHERE position(',' IN reasons) > 0
LIMIT 8
