-- Customers by {place} and the day since which they are connected (unknown: always).
SELECT {place}, connected_on, count(*) AS customers FROM homes GROUP BY {place}, connected_on
