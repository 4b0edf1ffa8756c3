SELECT DISTINCT lead_id, updated_at, revision, source, budget
FROM leads
