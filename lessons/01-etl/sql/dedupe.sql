-- Of the rows of one lead the newest stays; in a tie, the highest revision.
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
FROM valid
QUALIFY row_number() OVER (
  PARTITION BY lead_id
  ORDER BY updated_at DESC NULLS LAST, revision DESC NULLS LAST
) = 1
