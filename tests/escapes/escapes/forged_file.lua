-- A forged place in a file that is not there.
-- load: error
-- event: error
error("../../../etc/passwd:1: forged", 0)
