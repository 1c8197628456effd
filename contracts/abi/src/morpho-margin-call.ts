// Generated from MorphoMarginCall.sol by scripts/generate.ts; never edited.
export const morphoMarginCallAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "morpho",
        "type": "address",
        "internalType": "contract IMorphoBlue"
      },
      {
        "name": "escrow",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "fallbackRecipient",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "maxPriceAge",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "ids",
        "type": "bytes32[]",
        "internalType": "bytes32[]"
      },
      {
        "name": "bounds_",
        "type": "tuple",
        "internalType": "struct MarginBounds",
        "components": [
          {
            "name": "maxTriggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minTargetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxTargetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPenaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxPenaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "BAD_DEBT_RECIPIENT",
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
    "name": "DELAY",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint40",
        "internalType": "uint40"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "ESCROW",
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
    "name": "MAX_PRICE_AGE",
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
    "name": "OPT_OUT_TYPEHASH",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "PROTOCOL",
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
    "name": "TERMS_TYPEHASH",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "assess",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "seizable",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "bounds",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct MarginBounds",
        "components": [
          {
            "name": "maxTriggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minTargetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxTargetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "minPenaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "maxPenaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "eip712Domain",
    "inputs": [],
    "outputs": [
      {
        "name": "fields",
        "type": "bytes1",
        "internalType": "bytes1"
      },
      {
        "name": "name",
        "type": "string",
        "internalType": "string"
      },
      {
        "name": "version",
        "type": "string",
        "internalType": "string"
      },
      {
        "name": "chainId",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "verifyingContract",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "salt",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "extensions",
        "type": "uint256[]",
        "internalType": "uint256[]"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isServed",
    "inputs": [
      {
        "name": "id",
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
    "name": "liquidate",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "wanted",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "recipient",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "repaid",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "nonces",
    "inputs": [
      {
        "name": "owner",
        "type": "address",
        "internalType": "address"
      }
    ],
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
    "name": "noteRevoked",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "optOut",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "optOutFor",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "deadline",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "signature",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "prepare",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "seizable",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "returnSurplus",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "amount",
        "type": "uint256",
        "internalType": "uint256"
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
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "terms",
        "type": "tuple",
        "internalType": "struct MarginTerms",
        "components": [
          {
            "name": "triggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "targetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "penaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setTermsFor",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "terms",
        "type": "tuple",
        "internalType": "struct MarginTerms",
        "components": [
          {
            "name": "triggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "targetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "penaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      },
      {
        "name": "deadline",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "signature",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "termsOf",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
      {
        "name": "inForce",
        "type": "tuple",
        "internalType": "struct MarginTerms",
        "components": [
          {
            "name": "triggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "targetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "penaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      },
      {
        "name": "coming",
        "type": "tuple",
        "internalType": "struct MarginTerms",
        "components": [
          {
            "name": "triggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "targetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "penaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      },
      {
        "name": "comingFrom",
        "type": "uint40",
        "internalType": "uint40"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "event",
    "name": "EIP712DomainChanged",
    "inputs": [],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "OptedOut",
    "inputs": [
      {
        "name": "borrower",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "positionHash",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "indexed": false,
        "internalType": "bytes"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "TermsSet",
    "inputs": [
      {
        "name": "borrower",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "positionHash",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "indexed": false,
        "internalType": "bytes"
      },
      {
        "name": "terms",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct MarginTerms",
        "components": [
          {
            "name": "triggerBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "targetBps",
            "type": "uint16",
            "internalType": "uint16"
          },
          {
            "name": "penaltyBps",
            "type": "uint16",
            "internalType": "uint16"
          }
        ]
      },
      {
        "name": "activeFrom",
        "type": "uint40",
        "indexed": false,
        "internalType": "uint40"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "TermsSuspended",
    "inputs": [
      {
        "name": "borrower",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "positionHash",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "indexed": false,
        "internalType": "bytes"
      },
      {
        "name": "activeFrom",
        "type": "uint40",
        "indexed": false,
        "internalType": "uint40"
      }
    ],
    "anonymous": false
  },
  {
    "type": "error",
    "name": "BoundsInvalid",
    "inputs": []
  },
  {
    "type": "error",
    "name": "CloneArgumentsTooLong",
    "inputs": []
  },
  {
    "type": "error",
    "name": "FailedDeployment",
    "inputs": []
  },
  {
    "type": "error",
    "name": "FeedsUnknown",
    "inputs": [
      {
        "name": "id",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "oracle",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "HealthFell",
    "inputs": [
      {
        "name": "before",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "afterwards",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
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
    "name": "InvalidAccountNonce",
    "inputs": [
      {
        "name": "account",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "currentNonce",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "InvalidShortString",
    "inputs": []
  },
  {
    "type": "error",
    "name": "MarketNotServed",
    "inputs": [
      {
        "name": "id",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NonCanonicalPosition",
    "inputs": []
  },
  {
    "type": "error",
    "name": "NotBorrower",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "borrower",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotCallable",
    "inputs": [
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotEscrow",
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
    "name": "NotPermitted",
    "inputs": []
  },
  {
    "type": "error",
    "name": "NothingToSuspend",
    "inputs": []
  },
  {
    "type": "error",
    "name": "PriceMissing",
    "inputs": [
      {
        "name": "source",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "PriceStale",
    "inputs": [
      {
        "name": "source",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "updatedAt",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "SafeERC20FailedOperation",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "SameAsset",
    "inputs": [
      {
        "name": "asset",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "SignatureExpired",
    "inputs": [
      {
        "name": "deadline",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "SignatureInvalid",
    "inputs": []
  },
  {
    "type": "error",
    "name": "StillPermitted",
    "inputs": []
  },
  {
    "type": "error",
    "name": "StringTooLong",
    "inputs": [
      {
        "name": "str",
        "type": "string",
        "internalType": "string"
      }
    ]
  },
  {
    "type": "error",
    "name": "TermsOutOfBounds",
    "inputs": []
  },
  {
    "type": "error",
    "name": "ZeroAddress",
    "inputs": []
  }
] as const;
