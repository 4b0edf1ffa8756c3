-- Five spellings of "no value" become one: NULL. Nothing else changes.
SELECT
  CASE WHEN trim(lead_id) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(lead_id) END AS lead_id,
  CASE WHEN trim(created) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(created) END AS created,
  CASE WHEN trim(updated_at) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(updated_at) END AS updated_at,
  CASE WHEN trim(revision) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(revision) END AS revision,
  CASE WHEN trim(source) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(source) END AS source,
  CASE WHEN trim(country) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(country) END AS country,
  CASE WHEN trim(industry) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(industry) END AS industry,
  CASE WHEN trim(company_id) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(company_id) END AS company_id,
  CASE WHEN trim(employees) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(employees) END AS employees,
  CASE WHEN trim(budget) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(budget) END AS budget,
  CASE WHEN trim(visits) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(visits) END AS visits,
  CASE WHEN trim(minutes_on_site) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(minutes_on_site) END AS minutes_on_site,
  CASE WHEN trim(emails_opened) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(emails_opened) END AS emails_opened,
  CASE WHEN trim(days_since_contact) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(days_since_contact) END AS days_since_contact,
  CASE WHEN trim(converted) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(converted) END AS converted,
  CASE WHEN trim(notes) NOT IN ('', 'NA', 'N/A', '-', 'null')
    THEN trim(notes) END AS notes
FROM raw
