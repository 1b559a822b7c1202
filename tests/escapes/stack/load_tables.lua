-- Deep tables in loaded text.
-- load: error
-- event: error
error((select(2, load("return " .. string.rep("{", 5000) .. string.rep("}", 5000)))))
