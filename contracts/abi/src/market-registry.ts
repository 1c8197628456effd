// Generated from MarketRegistry.sol by scripts/generate.ts; never edited.
export const marketRegistryAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "MAX_AUCTIONEERS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "MAX_PROMISE",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "MAX_TOKENS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "auctioneers",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "members",
        "type": "address[]",
        "internalType": "address[]"
      },
      {
        "name": "threshold",
        "type": "uint8",
        "internalType": "uint8"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "authority",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "bountyBpsAt",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "version",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint16",
        "internalType": "uint16"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "debtTerms",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct DebtTerms",
        "components": [
          {
            "name": "vault",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "minRepay",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capPrincipal",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capRepaid",
            "type": "uint128",
            "internalType": "uint128"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isAuctioneer",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "account",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isCollateral",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isConsumingScheduledOp",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes4",
        "internalType": "bytes4"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isPaused",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "landingRules",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "current",
        "type": "tuple",
        "internalType": "struct Terms",
        "components": [
          {
            "name": "adapter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "borrowerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPartBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "stressBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxAskBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "floorBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minLotBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "lateBountyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "bonusBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "fadeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "slot",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "quoteWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "landingWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "exclusivity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "clockSkew",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "fillWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "proofWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "auctionLength",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "takeDelay",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "capWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "trialGas",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      },
      {
        "name": "version",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "forDebt",
        "type": "tuple",
        "internalType": "struct DebtTerms",
        "components": [
          {
            "name": "vault",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "minRepay",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capPrincipal",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capRepaid",
            "type": "uint128",
            "internalType": "uint128"
          }
        ]
      },
      {
        "name": "freshFrom",
        "type": "uint64",
        "internalType": "uint64"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "lowerCaps",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "capPrincipal",
        "type": "uint128",
        "internalType": "uint128"
      },
      {
        "name": "capRepaid",
        "type": "uint128",
        "internalType": "uint128"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "pause",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "route",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "payDomain",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "outputs": [
      {
        "name": "found",
        "type": "tuple",
        "internalType": "struct Route",
        "components": [
          {
            "name": "enabled",
            "type": "bool",
            "internalType": "bool"
          },
          {
            "name": "payDecimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "feeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "handicapBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "setAuctioneers",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "members",
        "type": "address[]",
        "internalType": "address[]"
      },
      {
        "name": "threshold",
        "type": "uint8",
        "internalType": "uint8"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setAuthority",
    "inputs": [
      {
        "name": "newAuthority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setCollateral",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "allowed",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setDebtTerms",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "newTerms",
        "type": "tuple",
        "internalType": "struct DebtTerms",
        "components": [
          {
            "name": "vault",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "minRepay",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capPrincipal",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capRepaid",
            "type": "uint128",
            "internalType": "uint128"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setRoute",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "payDomain",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "newRoute",
        "type": "tuple",
        "internalType": "struct Route",
        "components": [
          {
            "name": "enabled",
            "type": "bool",
            "internalType": "bool"
          },
          {
            "name": "payDecimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "feeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "handicapBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setTerms",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "newTerms",
        "type": "tuple",
        "internalType": "struct Terms",
        "components": [
          {
            "name": "adapter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "borrowerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPartBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "stressBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxAskBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "floorBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minLotBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "lateBountyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "bonusBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "fadeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "slot",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "quoteWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "landingWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "exclusivity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "clockSkew",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "fillWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "proofWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "auctionLength",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "takeDelay",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "capWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "trialGas",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "splitAt",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "version",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "outputs": [
      {
        "name": "treasury",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "borrowerBps",
        "type": "uint16",
        "internalType": "uint16"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "terms",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "current",
        "type": "tuple",
        "internalType": "struct Terms",
        "components": [
          {
            "name": "adapter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "borrowerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPartBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "stressBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxAskBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "floorBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minLotBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "lateBountyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "bonusBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "fadeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "slot",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "quoteWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "landingWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "exclusivity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "clockSkew",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "fillWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "proofWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "auctionLength",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "takeDelay",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "capWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "trialGas",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      },
      {
        "name": "version",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "termsAt",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "version",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct Terms",
        "components": [
          {
            "name": "adapter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "borrowerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPartBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "stressBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxAskBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "floorBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minLotBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "lateBountyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "bonusBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "fadeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "slot",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "quoteWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "landingWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "exclusivity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "clockSkew",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "fillWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "proofWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "auctionLength",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "takeDelay",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "capWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "trialGas",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "unpause",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "vaultOf",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "verifyCertificate",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "award",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "signatures",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "view"
  },
  {
    "type": "event",
    "name": "AuctioneersSet",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "members",
        "type": "address[]",
        "indexed": false,
        "internalType": "address[]"
      },
      {
        "name": "threshold",
        "type": "uint8",
        "indexed": false,
        "internalType": "uint8"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "AuthorityUpdated",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "CollateralSet",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "allowed",
        "type": "bool",
        "indexed": false,
        "internalType": "bool"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "DebtTermsSet",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "terms",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct DebtTerms",
        "components": [
          {
            "name": "vault",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "minRepay",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capPrincipal",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "capRepaid",
            "type": "uint128",
            "internalType": "uint128"
          }
        ]
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "PausedSet",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "paused",
        "type": "bool",
        "indexed": false,
        "internalType": "bool"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "RouteSet",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "payDomain",
        "type": "uint32",
        "indexed": true,
        "internalType": "uint32"
      },
      {
        "name": "route",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct Route",
        "components": [
          {
            "name": "enabled",
            "type": "bool",
            "internalType": "bool"
          },
          {
            "name": "payDecimals",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "feeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "handicapBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          }
        ]
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "TermsSet",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "version",
        "type": "uint32",
        "indexed": true,
        "internalType": "uint32"
      },
      {
        "name": "terms",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct Terms",
        "components": [
          {
            "name": "adapter",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "borrowerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPartBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "stressBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxAskBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "floorBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minLotBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "lateBountyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "bonusBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "fadeBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "slot",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "quoteWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "landingWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "exclusivity",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "clockSkew",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "fillWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "proofWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "auctionLength",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "takeDelay",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "capWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "trialGas",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "anonymous": false
  },
  {
    "type": "error",
    "name": "AccessManagedInvalidAuthority",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedRequiredDelay",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "delay",
        "type": "uint32",
        "internalType": "uint32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedUnauthorized",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AuctioneersNotAscending",
    "inputs": [
      {
        "name": "previous",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "next",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "BpsOutOfRange",
    "inputs": [
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "CapNotLower",
    "inputs": [
      {
        "name": "current",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "CloneArgumentsTooLong",
    "inputs": []
  },
  {
    "type": "error",
    "name": "CollateralNotAllowed",
    "inputs": [
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "DebtNotServed",
    "inputs": [
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "DecimalsOutOfRange",
    "inputs": [
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "ECDSAInvalidSignature",
    "inputs": []
  },
  {
    "type": "error",
    "name": "ECDSAInvalidSignatureLength",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "ECDSAInvalidSignatureS",
    "inputs": [
      {
        "name": "s",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "FailedDeployment",
    "inputs": []
  },
  {
    "type": "error",
    "name": "InsufficientBalance",
    "inputs": [
      {
        "name": "balance",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotAuctioneer",
    "inputs": [
      {
        "name": "signer",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "Paused",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "PromiseTooLong",
    "inputs": [
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "most",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "SignersNotAscending",
    "inputs": [
      {
        "name": "previous",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "next",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "ThresholdOutOfRange",
    "inputs": [
      {
        "name": "threshold",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "members",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "TooManyTokens",
    "inputs": [
      {
        "name": "most",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "TrialGasOutOfRange",
    "inputs": [
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "UnknownMarket",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "VaultIsFixed",
    "inputs": [
      {
        "name": "vault",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongSignatureCount",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "threshold",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "ZeroAddress",
    "inputs": []
  },
  {
    "type": "error",
    "name": "ZeroWindow",
    "inputs": []
  }
] as const;
