CREATE OR REPLACE TEMP VIEW checked AS
SELECT
  line, lead_id, created, updated_at, employees, budget, visits,
  nullif(concat_ws(',',
    CASE WHEN lead_id IS NULL THEN 'missing-id' END,
    CASE WHEN created IS NULL THEN 'impossible-date' END,
    CASE WHEN CAST(created AS TIMESTAMP) > updated_at THEN 'created-after-update' END,
    CASE WHEN employees < 0 THEN 'negative-employees' END,
    CASE WHEN budget IS NULL AND budget_text IS NOT NULL THEN 'unreadable-budget' END,
    CASE WHEN visits < 0 THEN 'negative-visits' END
  ), '') AS reasons
FROM leads;

-- The list of what is valid forgets a rule that the list of what is rejected knows
CREATE OR REPLACE TEMP VIEW valid AS
SELECT line, lead_id, created, updated_at, employees, budget, visits FROM checked
WHERE lead_id IS NOT NULL AND created IS NOT NULL
  AND coalesce(reasons NOT LIKE '%unreadable-budget%', true)
  AND coalesce(employees >= 0, true) AND visits >= 0;

CREATE OR REPLACE TEMP VIEW rejected AS
SELECT line, lead_id, created, updated_at, employees, budget, visits, reasons FROM checked WHERE reasons IS NOT NULL;
