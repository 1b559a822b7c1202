-- A long chain of unary operators in loaded text.
-- load: error
-- event: error
error((select(2, load("return " .. string.rep("-", 20000) .. "1"))))
