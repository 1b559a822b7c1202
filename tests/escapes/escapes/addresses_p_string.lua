-- %p of strings and numbers, and in a format that is a number.
-- load: ok
-- event: ok
for _, v in ipairs { "text", 1, 1.5, true } do
  local ok, s = pcall(string.format, "%p", v)
  if ok and s ~= "(null)" then
    mall.log("ESCAPED an address of a " .. type(v) .. ": " .. s)
  end
end
