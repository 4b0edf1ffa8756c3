-- Valid rows that do not stay, counted without choosing the one that does.
SELECT count(*) - count(DISTINCT lead_id) AS duplicates FROM valid
