-- Flights of the first days. Each is known when it lands: at its departure plus its delay.
SELECT date, origin, delay
FROM flights
WHERE date < CAST($1 AS TIMESTAMP) AND delay IS NOT NULL
