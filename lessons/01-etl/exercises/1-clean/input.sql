-- The columns of the exercise, as text; rows without a readable id are the next exercise's business.
SELECT lead_id, created, source, country, budget, days_since_contact, converted
FROM raw
WHERE length(lead_id) = 8
