-- %p in every spelling.
-- load: ok
-- event: ok
for _, f in ipairs { "%p", "%-20p", "%20p", "%5.5p", "%% %p", "%d%p", "%%%p", "%.3p" } do
  local ok, s = pcall(string.format, f, {}, {})
  if ok and s:find "%x%x%x%x%x%x" then
    mall.log("ESCAPED an address by " .. f .. ": " .. s)
  end
  ok, s = pcall(string.format, f, 1, {})
  if ok and s:find "%x%x%x%x%x%x" then
    mall.log("ESCAPED an address by " .. f .. ": " .. s)
  end
end
