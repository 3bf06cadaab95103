-- A slice in which more was read on a day than different meters: some meter stands there twice.
SELECT day, slice FROM sums GROUP BY day, slice, block HAVING bit_count(bit_or(seats)) < sum(read) ORDER BY day, slice LIMIT 1
