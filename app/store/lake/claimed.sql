-- The area that claims each {unit}; what two areas claim is in none.
SELECT {unit}, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
FROM areas WHERE {unit} IS NOT NULL GROUP BY {unit}
