-- A size of cells among the areas that is not the one asked for.
SELECT (cell_id >> 52) & 15 AS resolution FROM areas WHERE cell_id IS NOT NULL AND (cell_id >> 52) & 15 <> {resolution} LIMIT 1
