-- Each hall's cell and the area that claims it.
WITH placed AS (SELECT hall_id, grid_cell(lon, lat) AS cell_id FROM halls),
once AS (SELECT hall_id, min(cell_id) AS cell_id FROM placed GROUP BY hall_id)
SELECT p.hall_id, p.cell_id, c.area_id FROM once p LEFT JOIN claimed_cell_id c ON c.cell_id = p.cell_id
