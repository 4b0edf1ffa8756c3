SELECT lead_id, updated_at, revision, source, budget
FROM leads
QUALIFY row_number() OVER (
  PARTITION BY lead_id
  ORDER BY revision DESC NULLS LAST, updated_at DESC NULLS LAST
) = 1
