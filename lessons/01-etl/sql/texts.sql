-- Five spellings of "no value" become one: NULL. Nothing else changes.
SELECT
  nullif(nullif(nullif(nullif(nullif(trim(lead_id), ''), 'NA'), 'N/A'), '-'), 'null') AS lead_id,
  nullif(nullif(nullif(nullif(nullif(trim(created), ''), 'NA'), 'N/A'), '-'), 'null') AS created,
  nullif(nullif(nullif(nullif(nullif(trim(updated_at), ''), 'NA'), 'N/A'), '-'), 'null') AS updated_at,
  nullif(nullif(nullif(nullif(nullif(trim(revision), ''), 'NA'), 'N/A'), '-'), 'null') AS revision,
  nullif(nullif(nullif(nullif(nullif(trim(source), ''), 'NA'), 'N/A'), '-'), 'null') AS source,
  nullif(nullif(nullif(nullif(nullif(trim(country), ''), 'NA'), 'N/A'), '-'), 'null') AS country,
  nullif(nullif(nullif(nullif(nullif(trim(industry), ''), 'NA'), 'N/A'), '-'), 'null') AS industry,
  nullif(nullif(nullif(nullif(nullif(trim(company_id), ''), 'NA'), 'N/A'), '-'), 'null') AS company_id,
  nullif(nullif(nullif(nullif(nullif(trim(employees), ''), 'NA'), 'N/A'), '-'), 'null') AS employees,
  nullif(nullif(nullif(nullif(nullif(trim(budget), ''), 'NA'), 'N/A'), '-'), 'null') AS budget,
  nullif(nullif(nullif(nullif(nullif(trim(visits), ''), 'NA'), 'N/A'), '-'), 'null') AS visits,
  nullif(nullif(nullif(nullif(nullif(trim(minutes_on_site), ''), 'NA'), 'N/A'), '-'), 'null') AS minutes_on_site,
  nullif(nullif(nullif(nullif(nullif(trim(emails_opened), ''), 'NA'), 'N/A'), '-'), 'null') AS emails_opened,
  nullif(nullif(nullif(nullif(nullif(trim(days_since_contact), ''), 'NA'), 'N/A'), '-'), 'null') AS days_since_contact,
  nullif(nullif(nullif(nullif(nullif(trim(converted), ''), 'NA'), 'N/A'), '-'), 'null') AS converted,
  nullif(nullif(nullif(nullif(nullif(trim(notes), ''), 'NA'), 'N/A'), '-'), 'null') AS notes
FROM raw
