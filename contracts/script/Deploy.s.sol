// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../src/BackstopVault.sol";
import {CollateralEscrow} from "../src/CollateralEscrow.sol";
import {Erc7683Resolver, IEscrowOrders} from "../src/Erc7683Resolver.sol";
import {MarketRegistry} from "../src/MarketRegistry.sol";
import {RepaymentEscrow} from "../src/RepaymentEscrow.sol";
import {SolverBonds} from "../src/SolverBonds.sol";
import {Roles} from "../src/access/Roles.sol";
import {IMailbox} from "../src/interfaces/external/IMailbox.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Script} from "forge-std/Script.sol";

/// @title Deploys Gavel's set on one chain with forge, and hands it over.
/// @notice For those who work with forge alone; deploy/main.ts does the same for many chains from one file, with a
/// plan, and is safe to repeat. Everything is deployed with CREATE2, so the addresses of another chain are known
/// beforehand.
///
///     forge script script/Deploy.s.sol --sig 'run(string)' script/deployment.json --rpc-url … --account … --broadcast
///
/// Without `--broadcast` it is a dry run. The file is JSON, below script/ (forge may read there): see `Settings`.
contract Deploy is Script {
    struct Settings {
        bytes32 salt;
        address deployer; // who broadcasts
        address mailbox;
        uint64 bondDelay; // seconds
        address[] debts; // one vault each
        uint64 redemptionDelay; // seconds
        address admin;
        address guardian;
        uint32 delay; // seconds, longer than `redemptionDelay`
    }

    struct Deployment {
        AccessManager manager;
        MarketRegistry registry;
        SolverBonds bonds;
        CollateralEscrow collateral;
        RepaymentEscrow repayment;
        Erc7683Resolver resolver;
        BackstopVault[] vaults;
    }

    /// @notice Deploys and hands over in one go: for a set whose markets governance adds later.
    function run(string calldata file) external returns (Deployment memory set) {
        Settings memory settings = read(vm.readFile(file));
        vm.startBroadcast(settings.deployer);
        set = deploy(settings);
        handOver(set, settings);
        vm.stopBroadcast();
    }

    function read(string memory json) public pure returns (Settings memory settings) {
        settings.salt = keccak256(bytes(vm.parseJsonString(json, ".salt")));
        settings.deployer = vm.parseJsonAddress(json, ".deployer");
        settings.mailbox = vm.parseJsonAddress(json, ".mailbox");
        settings.bondDelay = uint64(vm.parseJsonUint(json, ".bondDelay"));
        settings.debts = vm.parseJsonAddressArray(json, ".debts");
        settings.redemptionDelay = uint64(vm.parseJsonUint(json, ".redemptionDelay"));
        settings.admin = vm.parseJsonAddress(json, ".admin");
        settings.guardian = vm.parseJsonAddress(json, ".guardian");
        settings.delay = uint32(vm.parseJsonUint(json, ".delay"));
    }

    /// @notice Deploys the set and wires what belongs together. `settings.deployer` governs it until `handOver`.
    function deploy(Settings memory settings) public returns (Deployment memory set) {
        bytes32 salt = settings.salt;
        IMailbox mailbox = IMailbox(settings.mailbox);
        set.manager = new AccessManager{salt: salt}(settings.deployer);
        address authority = address(set.manager);
        set.registry = new MarketRegistry{salt: salt}(authority);
        set.bonds = new SolverBonds{salt: salt}(authority, settings.bondDelay);
        set.collateral = new CollateralEscrow{salt: salt}(mailbox, set.registry, set.bonds, authority);
        set.repayment = new RepaymentEscrow{salt: salt}(mailbox, authority);
        set.resolver = new Erc7683Resolver{salt: salt}(IEscrowOrders(address(set.collateral)), authority);
        set.bonds.setEscrow(address(set.collateral));
        set.vaults = new BackstopVault[](settings.debts.length);
        for (uint256 i; i < settings.debts.length; ++i) {
            string memory symbol = IERC20Metadata(settings.debts[i]).symbol();
            set.vaults[i] = new BackstopVault{salt: salt}(
                IERC20(settings.debts[i]),
                string.concat("Gavel Backstop ", symbol),
                string.concat("gb", symbol),
                authority,
                settings.redemptionDelay
            );
            set.vaults[i].setEscrow(address(set.collateral));
        }
    }

    /// @notice Gives every function to its role and every role to its holder. After this the deployer can do nothing.
    function handOver(Deployment memory set, Settings memory settings) public {
        Roles.assign(set.manager, "MarketRegistry", address(set.registry));
        Roles.assign(set.manager, "CollateralEscrow", address(set.collateral));
        Roles.assign(set.manager, "RepaymentEscrow", address(set.repayment));
        Roles.assign(set.manager, "Erc7683Resolver", address(set.resolver));
        for (uint256 i; i < set.vaults.length; ++i) {
            Roles.assign(set.manager, "BackstopVault", address(set.vaults[i]));
        }
        Roles.handOver(
            set.manager, settings.deployer, settings.admin, settings.guardian, settings.delay, settings.redemptionDelay
        );
    }
}
