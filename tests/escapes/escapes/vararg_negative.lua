-- select with counts that reach outside.
-- load: ok
-- event: ok
for _, n in ipairs { -1, -2, -100, 0, 1 << 60, -1 << 60, 0 / 0, 1.5, "x" } do
  local ok, value = pcall(select, n, "only")
  if ok and value ~= "only" and value ~= nil then
    mall.log "ESCAPED select"
  end
end
