-- Each hall's cell and the area that claims it.
WITH by_cell AS (
  SELECT cell_id, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE cell_id IS NOT NULL GROUP BY cell_id),
placed AS (SELECT hall_id, grid_cell(lon, lat) AS cell_id FROM halls),
once AS (SELECT hall_id, min(cell_id) AS cell_id FROM placed GROUP BY hall_id)
SELECT p.hall_id, p.cell_id, c.area_id FROM once p LEFT JOIN by_cell c ON c.cell_id = p.cell_id
