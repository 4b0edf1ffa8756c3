SELECT leads.lead_id, leads.updated_at, revision, source, budget
FROM leads
JOIN (SELECT lead_id, max(updated_at) AS updated_at FROM leads GROUP BY lead_id) AS newest
  ON newest.lead_id = leads.lead_id AND newest.updated_at = leads.updated_at
