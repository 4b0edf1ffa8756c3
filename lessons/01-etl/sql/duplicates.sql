-- Valid rows that are not the one of their lead that stays, counted without choosing it.
SELECT count(*) - count(DISTINCT lead_id) AS duplicates FROM valid
