-- One row per reason, then one row per line again
CREATE OR REPLACE TEMP VIEW faults AS
SELECT line, 1 AS place, 'missing-id' AS reason FROM leads WHERE lead_id IS NULL
UNION ALL SELECT line, 2, 'impossible-date' FROM leads WHERE created IS NULL
UNION ALL SELECT line, 3, 'created-after-update' FROM leads WHERE created > CAST(updated_at AS DATE)
UNION ALL SELECT line, 4, 'negative-employees' FROM leads WHERE employees < 0
UNION ALL SELECT line, 5, 'unreadable-budget' FROM leads WHERE budget_text IS NOT NULL AND budget IS NULL
UNION ALL SELECT line, 6, 'negative-visits' FROM leads WHERE visits < 0;

CREATE OR REPLACE TEMP VIEW rejected AS
SELECT line, lead_id, created, updated_at, employees, budget, visits, reasons
FROM leads
JOIN (SELECT line, string_agg(reason, ',' ORDER BY place) AS reasons FROM faults GROUP BY line) AS f USING (line);

CREATE OR REPLACE TEMP VIEW valid AS
SELECT line, lead_id, created, updated_at, employees, budget, visits FROM leads ANTI JOIN faults USING (line);
