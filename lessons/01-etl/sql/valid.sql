SELECT
  lead_id,
  created,
  updated_at,
  revision,
  source,
  country,
  industry,
  company_id,
  employees,
  budget,
  visits,
  minutes_on_site,
  emails_opened,
  days_since_contact,
  converted,
  notes
FROM checked
WHERE reasons IS NULL
