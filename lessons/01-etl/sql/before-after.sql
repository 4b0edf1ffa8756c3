SELECT
  created_text, created, budget_text, budget, converted_text, converted
FROM clean
WHERE created_text IS NOT NULL
  AND budget_text IS NOT NULL
  AND converted_text IS NOT NULL
LIMIT 8
