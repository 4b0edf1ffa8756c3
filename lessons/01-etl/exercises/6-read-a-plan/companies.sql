-- One row per company.
SELECT
  company_id,
  min(lower(trim(industry))) AS industry
FROM raw
WHERE length(company_id) = 6
GROUP BY company_id
