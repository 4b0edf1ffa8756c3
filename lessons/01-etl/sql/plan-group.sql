SELECT industry, count(*) AS leads, sum(budget) AS total
FROM leads_clean
GROUP BY industry
