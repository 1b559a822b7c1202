-- Another language.
-- load: error
-- event: error
import os
def main():
    os.system("id")
