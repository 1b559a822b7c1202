-- Bytecode given to load, in every mode.
-- load: ok
-- event: ok
local code = "\27LuaU\0\25\147\r\n\26\n\4\8\8xV\0\0\0\0\0\0\0\0\0\0\0(w@"
for _, mode in ipairs { "b", "bt", "t", "" } do
  if load(code, "x", mode) then
    mall.log "ESCAPED load took bytecode"
  end
end
