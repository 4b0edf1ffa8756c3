-- Two views: valid, and rejected with its reasons. Only one rule is written so far.
CREATE OR REPLACE TEMP VIEW valid AS
SELECT line, lead_id, created, updated_at, employees, budget, visits
FROM leads;

CREATE OR REPLACE TEMP VIEW rejected AS
SELECT line, lead_id, created, updated_at, employees, budget, visits, 'missing-id' AS reasons
FROM leads
WHERE lead_id IS NULL;
