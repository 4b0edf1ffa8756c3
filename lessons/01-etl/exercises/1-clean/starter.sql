-- Every column of leads is text. Give each its type.
SELECT
  lead_id,
  created,
  source,
  country,
  budget,
  days_since_contact,
  converted
FROM leads
