-- One row per lead: the newest
SELECT lead_id, updated_at, revision, source, budget
FROM leads
