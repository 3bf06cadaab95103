-- Each hall's cell and the area that claims it.
WITH by_cell AS (
  SELECT cell_id, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE cell_id IS NOT NULL GROUP BY cell_id),
placed AS (SELECT hall_id, grid_cell(lon, lat) AS cell_id FROM halls)
SELECT p.hall_id, p.cell_id, c.area_id FROM placed p LEFT JOIN by_cell c ON c.cell_id = p.cell_id
