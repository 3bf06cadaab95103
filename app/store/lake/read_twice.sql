-- A transformer behind which more was read on a day than there are meters.
SELECT day, transformer_id FROM balances WHERE is_told_twice ORDER BY day, transformer_id LIMIT 1
