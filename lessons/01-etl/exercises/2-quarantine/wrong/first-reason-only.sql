CREATE OR REPLACE TEMP VIEW checked AS
SELECT
  line, lead_id, created, updated_at, employees, budget, visits,
  CASE
    WHEN lead_id IS NULL THEN 'missing-id'
    WHEN created IS NULL THEN 'impossible-date'
    WHEN CAST(created AS TIMESTAMP) > updated_at THEN 'created-after-update'
    WHEN employees < 0 THEN 'negative-employees'
    WHEN budget IS NULL AND budget_text IS NOT NULL THEN 'unreadable-budget'
    WHEN visits < 0 THEN 'negative-visits'
  END AS reasons
FROM leads;

CREATE OR REPLACE TEMP VIEW valid AS
SELECT line, lead_id, created, updated_at, employees, budget, visits FROM checked WHERE reasons IS NULL;

CREATE OR REPLACE TEMP VIEW rejected AS
SELECT line, lead_id, created, updated_at, employees, budget, visits, reasons FROM checked WHERE reasons IS NOT NULL;
