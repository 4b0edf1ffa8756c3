SELECT count(*) AS leads, sum(budget) AS total
FROM leads_clean
WHERE country = 'PE'
