-- require of paths that lead out of the package.
-- load: ok
-- event: ok
for _, name in ipairs {
  "../secret", "..", ".", "/etc/passwd", "a/../../b", "os", "io", "debug", "lib\0x", "C:\\x", "init.lua", "", " ", "%s", "_G", "socket",
  "package", "coroutine", "python", "sandbox.lua.budget", "....etc.passwd", string.rep("a.", 1000),
} do
  if pcall(require, name) then
    mall.log("ESCAPED require " .. name)
  end
end
