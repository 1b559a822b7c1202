-- table.unpack over ranges that overflow.
-- load: ok
-- event: ok
for _, r in ipairs { { math.mininteger, math.maxinteger }, { 1, math.maxinteger }, { -1, math.maxinteger - 1 } } do
  if pcall(table.unpack, {}, r[1], r[2]) then
    mall.log "ESCAPED unpack"
  end
end
